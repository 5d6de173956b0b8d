/** HTTP by hand: what `fetch` would refuse to send, or would mend before sending it. */
import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** Sends these lines as they are and reads what comes until the other side closes, or has switched protocols. */
export function rawRequest(port: number, lines: string[], body = ''): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', data => {
    text += data;
    if (text.startsWith('HTTP/1.1 101')) socket.destroy();
  });
  socket.on('error', reject);
  socket.on('close', () => resolve(parse(text)));
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return promise;
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...headerLines] = head.split('\r\n');
  const headers = headerLines.map(line => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers), body: rest.join('\r\n\r\n') };
}
