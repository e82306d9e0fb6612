/**
 * JSON as Python writes it: with numbers that JSON does not have. NaN becomes null.
 * @throws {SyntaxError} for other text that is no JSON
 */
export const parsePythonJson = (text: string): unknown =>
  JSON.parse(
    text.replace(/(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g, (n) =>
      n === 'NaN' ? 'null' : n === 'Infinity' ? '1e999' : '-1e999',
    ),
  );
