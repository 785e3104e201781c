/** Numbers at which code changes its mind: small ones, halves of hundreds, powers of ten and two with their neighbours. */
export const WHOLE_EDGES: readonly number[] = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 15, 16, 17, 20, 24, 25, 30, 31, 32, 50, 60, 63, 64, 75, 99, 100, 101, 125, 127,
  128, 150, 199, 250, 255, 256, 365, 366, 500, 999, 1_000, 1_001, 1_024, 4_095, 4_096, 9_999, 10_000, 32_767, 32_768,
  65_535, 65_536, 99_999, 100_000, 999_999, 1_000_000, 1_000_001, 9_999_999, 10_000_000, 99_999_999, 100_000_000,
  999_999_999, 1_000_000_000, 2_147_483_647, 2_147_483_648, 4_294_967_295, 4_294_967_296, 10_000_000_000,
  1_000_000_000_000, 9_007_199_254_740_991,
];

/** Whole numbers that a double does not hold or that are the last of a width: 2^53, 2^63 and 2^64 with their neighbours. */
export const LONG_EDGES: readonly bigint[] = [2n ** 53n, 2n ** 63n, 2n ** 64n].flatMap((edge) => [
  edge - 1n,
  edge,
  edge + 1n,
]);

/** Numbers that sums and roundings get wrong. */
export const FRACTION_EDGES: readonly number[] = [
  0.5, 1.5, 2.5, 0.25, 0.75, 0.1, 0.2, 0.3, 0.01, 0.005, 0.015, 0.045, 1.005, 1.015, 2.675, 0.001, 1e-7, 99.995, 0.125,
  1e21, 1.7976931348623157e308, 5e-324,
];

/** Characters and texts that readers stumble over. */
export const TEXT_EDGES: readonly string[] = [
  '',
  ' ',
  'a',
  'A',
  '0',
  '-1',
  '1e3',
  'null',
  'true',
  '"',
  "'",
  '\\',
  '/',
  '<',
  '&',
  '%',
  '\t',
  '\n',
  '\r\n',
  '\u0001',
  '\u007f',
  'é',
  'e\u0301',
  'ß',
  'İ',
  '€',
  '日本',
  '😀',
  '\u200b',
  '\ufeff',
  '{}',
  '[]',
  'a b',
  '../',
  '%00',
];
