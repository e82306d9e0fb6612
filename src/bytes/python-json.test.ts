import { expect, it } from 'vitest';
import { parsePythonJson } from './python-json.js';

it('numbers of Python that JSON does not have are read, and words within texts stay', () => {
  const text = '{"a": [NaN, Infinity,-Infinity ], "b": "NaN, Infinity", "c": NaN}';
  expect(parsePythonJson(text)).toEqual({ a: [null, Infinity, -Infinity], b: 'NaN, Infinity', c: null });
  expect(() => parsePythonJson('{"a": nan}')).toThrow(SyntaxError);
});
