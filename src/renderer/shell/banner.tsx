/** Above the place: that the studio is away, or what it wants said once. */
import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { dismissNotice, useStudio } from '../store/studioState.ts';

export function Banner() {
  const connection = useStudio(state => state.connection);
  const notice = useStudio(state => state.notice);
  if (connection === 'lost') {
    return (
      <div className="banner" data-tone="error" role="alert">
        <Loader size={14} color="var(--error)" />
        <p>The studio process stopped; starting it again…</p>
      </div>
    );
  }
  if (notice !== null) {
    return (
      <div className="banner" data-tone="warn" role="alert">
        <IconAlertTriangle size={16} />
        <p>{notice}</p>
        <Button onClick={dismissNotice}>Understood</Button>
      </div>
    );
  }
  return null;
}
