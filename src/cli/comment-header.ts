/** Header values travel as byte strings; text is sent as UTF-8. */
export function byteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function commentHeader(comment: string | undefined): Readonly<Record<string, string>> {
  return comment === undefined ? {} : { 'x-banyan-comment': byteString(comment.replaceAll(/\s+/g, ' ').trim()) };
}
