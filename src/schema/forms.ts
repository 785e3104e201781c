import { z } from 'zod';

/** Text of a form; `expected` says which, also to whoever writes something else than text. */
function text(form: RegExp, expected: string) {
  return z.string(expected).regex(form, expected);
}

/** A file path as written, relative to the file that contains it or absolute. */
// eslint-disable-next-line no-control-regex -- a NUL is what no path can contain
export const path = text(/^[^\u0000]+$/, 'expected a path');

/** An artefact's version: shown to people, never compared. */
export const version = text(/^[\w.+~-]{1,64}$/, 'expected a version such as 1.4.0');

const TOKEN = "[!#$%&'*+.^_`|~A-Za-z0-9-]+";

/** A media type with its parameters, safe to be sent as a header as it is written. */
export const mediaType = text(
  new RegExp(`^${TOKEN}/${TOKEN}( *; *${TOKEN}=(${TOKEN}|"[ !#-\\[\\]-~]*"))*$`),
  'expected a media type such as application/json',
).max(255);

/** The name of a request header; parsed to lower case, as `node:http` hands headers over. */
export const headerName = text(new RegExp(`^${TOKEN}$`), 'expected the name of a request header such as x-tenant')
  .max(128)
  .transform((written) => written.toLowerCase());

/** A JSON pointer (RFC 6901) to something inside a document. */
export const jsonPointer = text(/^(\/([^~/]|~[01])*)+$/, 'expected a JSON pointer such as /total or /items/*/price');

/** A JSON pointer to something inside a document, or to all of it. */
export const anyJsonPointer = text(
  /^(\/([^~/]|~[01])*)*$/,
  'expected a JSON pointer such as /items, or "" for the whole document',
);

/** The name of a symbol in a shared library. */
export const cSymbol = text(/^[A-Za-z_][\w$.]{0,511}$/, 'expected the name of a C symbol');

/** A SHA-256 digest; parsed to lower case. */
export const sha256 = text(/^[0-9A-Fa-f]{64}$/, 'expected a SHA-256 digest of 64 hexadecimal digits').transform(
  (written) => written.toLowerCase(),
);

/** A host name or IP address without a port, as `Host` may carry it; parsed to lower case. */
export const hostName = text(
  /^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])$/,
  'expected a host name without a port',
)
  .max(255)
  .transform((written) => written.toLowerCase());

/** A path as a plugin sees it. */
// eslint-disable-next-line no-control-regex -- a NUL is what no path can contain
export const absolutePath = text(/^\/[^\u0000]*$/, 'expected an absolute path as the plugin sees it, such as /data');

/** The name of an environment variable. */
export const variable = text(/^[A-Za-z_]\w{0,127}$/, 'expected the name of an environment variable');
