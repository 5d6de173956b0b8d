/** The host that this window runs in. Set once, by the entry file, before anything is drawn. */
import type { Host } from '../../bridge/windowHost.ts';

let current: Host | undefined;

export function setHost(host: Host): void {
  current = host;
}

export function host(): Host {
  if (!current) throw new TypeError('the window was drawn before it had a host');
  return current;
}
