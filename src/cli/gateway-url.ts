import { InvalidArgumentError } from 'commander';

/** The address of a listener. Answers it without a slash at its end, so that paths can be put behind it. */
export function parseGatewayUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.username !== '') {
    throw new InvalidArgumentError('Expected a URL such as http://127.0.0.1:8081.');
  }
  return url.href.replace(/\/+$/, '');
}
