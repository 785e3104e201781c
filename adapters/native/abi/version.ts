import { createRequire } from 'node:module';
import type satisfiesRange from 'semver/functions/satisfies.js';

const require = createRequire(import.meta.url);

/** A semantic version (semver.org, version 2.0.0), written without anything around it. */
const VERSION = new RegExp(
  String.raw`^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}` +
    String.raw`(-(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?` +
    String.raw`(\+[\dA-Za-z-]+(\.[\dA-Za-z-]+)*)?$`,
);

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Whether a version is in a range, as npm understands both. */
export function isInRange(version: string, range: string): boolean {
  // Loaded when it is needed: children keep spares, and few libraries have a range.
  const satisfies = require('semver/functions/satisfies.js') as typeof satisfiesRange;
  return satisfies(version, range);
}
