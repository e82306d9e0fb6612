import { escapeXml } from './escape-xml.js';

/** HTML that is safe to insert as it is. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | undefined | readonly Part[];

/** Markup that was made here, such as a chart. */
export const raw = (text: string): Html => new Html(text);

/** A template whose values are escaped, unless they are {@link Html}; lists are joined. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, i) => text + (i < parts.length ? rendered(parts[i]) : '')).join(''));
}

function rendered(part: Part): string {
  if (part === null || part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escapeXml(String(part));
  return part.map(rendered).join('');
}
