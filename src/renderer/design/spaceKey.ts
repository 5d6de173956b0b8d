/** Whether Space is held over the canvas: then the pointer pans, on nodes too. */
import { useEffect, useState } from 'react';
import { isTyping } from '../ui/shortcut.ts';

export function useHeldSpace(): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== ' ') return;
      const isButton = event.target instanceof HTMLElement && event.target.closest('button, [role="button"]');
      setHeld(event.type === 'keydown' && !isTyping(event) && !isButton);
    };
    const release = () => setHeld(false);
    window.addEventListener('keydown', onKey);
    window.addEventListener('keyup', onKey);
    window.addEventListener('blur', release);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('keyup', onKey);
      window.removeEventListener('blur', release);
    };
  }, []);
  return held;
}
