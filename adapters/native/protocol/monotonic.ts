const [seconds, nanoseconds] = process.hrtime();

/** Added to `performance.now()` it gives the raw monotonic clock, which all processes of one machine share. In ms. */
export const RAW_OFFSET = seconds * 1e3 + nanoseconds / 1e6 - performance.now();
