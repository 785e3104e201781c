import type { IncomingMessage } from 'node:http';
import { RefusedRequest } from './refused-request.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^:@/?#[\]\s]+)(:\d{1,5})?$/;

/**
 * Refuses requests that a web page may have sent through somebody's browser: by a name of its own that was pointed at
 * this address (`Host`, 421), or from another site (`Origin`, 403). Ports are not compared, so that tunnels work.
 */
export function checkOrigin(request: IncomingMessage, hosts: ReadonlySet<string>): void {
  if ((request.headersDistinct['host']?.length ?? 0) > 1) {
    throw new RefusedRequest({ code: 'bad-request', detail: 'the request has more than one Host header' });
  }
  const host = (request.headers.host ?? '').toLowerCase();
  const name = AUTHORITY.exec(host)?.[1];
  if (name === undefined || !(LOOPBACK.test(name) || hosts.has(name))) {
    throw new RefusedRequest({
      code: 'misdirected-request',
      detail: `Host ${JSON.stringify(host)} is none of this listener's names; further names go into admin.hosts of the configuration`,
    });
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw new RefusedRequest({
      code: 'forbidden',
      detail: `requests of pages from ${JSON.stringify(origin)} are refused: only the listener's own origin may send them`,
    });
  }
}
