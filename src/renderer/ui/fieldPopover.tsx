/** A small button beside a field that opens a panel about it. */
import { ActionIcon, Popover } from '@mantine/core';
import { type ReactNode, useState } from 'react';

interface FieldPopoverProps {
  title: string;
  icon: ReactNode;
  width: number;
  /** Whether what the panel is about is in effect. */
  isOn?: boolean;
  children: (close: () => void) => ReactNode;
}

export function FieldPopover({ title, icon, width, isOn, children }: FieldPopoverProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="left-start" width={width} trapFocus>
      <Popover.Target>
        <ActionIcon
          size={22}
          aria-label={title}
          title={title}
          aria-expanded={opened}
          data-on={isOn || undefined}
          onClick={() => setOpened(!opened)}
        >
          {icon}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={title}>{children(() => setOpened(false))}</Popover.Dropdown>
    </Popover>
  );
}
