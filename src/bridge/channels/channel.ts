/** A two-way pipe for whole messages: what rpc.ts needs of a MessagePort, a WebSocket or a queue. */
export interface Channel {
  /** Sends any structured-cloneable value. Sending on a closed channel does nothing. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, whichever side closed it. */
  onClose(listener: () => void): void;
  close(): void;
}
