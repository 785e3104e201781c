import { cut, EXCERPT } from '../excerpt.js';
import { spell, typeOf, type Numbers } from './numbers.js';
import type { Json } from './value.js';

/** The beginning of a value as JSON. Looks at no more of it than is shown, however large or deep it is. */
export function excerptOf(value: Json, numbers: Numbers): string {
  let text = '';

  const write = (here: Json): void => {
    if (text.length > EXCERPT) return;
    if (typeof here === 'number' || (typeof here === 'string' && typeOf(here, numbers) === 'number')) {
      text += spell(here, numbers);
    } else if (typeof here === 'string') {
      text += quote(here);
    } else if (typeof here !== 'object' || here === null) {
      text += String(here);
    } else if (Array.isArray(here)) {
      text += '[';
      for (const [index, element] of here.entries()) {
        if (text.length > EXCERPT) break;
        if (index > 0) text += ',';
        write(element);
      }
      text += ']';
    } else {
      text += '{';
      let first = true;
      for (const key in here) {
        if (text.length > EXCERPT) break;
        text += `${first ? '' : ','}${quote(key)}:`;
        first = false;
        write(here[key] ?? null);
      }
      text += '}';
    }
  };

  write(value);
  return cut(text);
}

function quote(text: string): string {
  return JSON.stringify(text.length > EXCERPT ? text.slice(0, EXCERPT) : text);
}
