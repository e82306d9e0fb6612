/** The labels of a file's text: a JSON list or map, or one on each line. */
export function labelsOf(text: string): readonly string[] {
  try {
    const json: unknown = JSON.parse(text);
    const values = json && typeof json === 'object' ? Object.values(json) : [];
    // A map of the Keras kind has a list for each class: an identifier and a word.
    return values.map((value) => (Array.isArray(value) ? String(value.at(-1)) : String(value)));
  } catch {
    return text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }
}
