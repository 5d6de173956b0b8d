/** Where a place fails to be drawn, says so instead of leaving the window blank; the rest of it goes on. */
import { Button } from '@mantine/core';
import { IconBug } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';

interface BoundaryState {
  error: Error | null;
}

export class Boundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <main className="empty" role="alert">
        <IconBug size={36} stroke={1.2} />
        <h1>This place could not be drawn</h1>
        <p>Your work is kept. What went wrong, a defect of ours: {error.message}</p>
        <div className="actions">
          <Button variant="filled" onClick={() => this.setState({ error: null })}>
            Try again
          </Button>
        </div>
      </main>
    );
  }
}
