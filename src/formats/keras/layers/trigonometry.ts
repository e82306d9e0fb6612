import type { Lower } from './context.js';
import { type OfFloats, ofFloats, ofTwo } from './formulas.js';

/** `√((1 - x)(1 + x))`, precise where `1 - x²` cancels. */
const cosine: OfFloats = (x, { op }) => op('SQRT', op('MUL', op('SUB', 1, x), op('ADD', x, 1)));

/** Ones of a tensor's shape: the operator takes two of one shape. */
const ones: OfFloats = (x, { c, op }) => op('FILL', c.emit('SHAPE', [x], { outType: 'INT32' }), 1);

const arcsinh: OfFloats = (x, { op }) => {
  const [size, root] = [op('ABS', x), op('SQRT', op('ADD', op('MUL', x, x), 1))];
  return op('MUL', op('LOG', op('ADD', size, root)), op('SIGN', x));
};

/** `sin(πx) / πx`, 1 at 0. */
const sinc: OfFloats = (x, { op }) => {
  const isZero = op('EQUAL', x, 0);
  const angle = op('MUL', op('SELECT_V2', isZero, 1, x), Math.PI);
  return op('SELECT_V2', isZero, 1, op('DIV', op('SIN', angle), angle));
};

/** Functions of `keras.ops` of angles, by class. */
export const trigonometry: Readonly<Record<string, Lower>> = {
  Arccos: ofFloats((x, f) => f.op('ATAN2', cosine(x, f), x)),
  Arccosh: ofFloats((x, { op }) => {
    const root = op('SQRT', op('MUL', op('SUB', x, 1), op('ADD', x, 1)));
    return op('LOG', op('ADD', x, root));
  }),
  Arcsin: ofFloats((x, f) => f.op('ATAN2', x, cosine(x, f))),
  Arcsinh: ofFloats(arcsinh),
  Arctan: ofFloats((x, f) => f.op('ATAN2', x, ones(x, f))),
  Arctanh: ofFloats((x, { op }) => op('MUL', op('LOG', op('DIV', op('ADD', x, 1), op('SUB', 1, x))), 0.5)),
  Deg2rad: ofFloats((x, { op }) => op('MUL', x, Math.PI / 180)),
  Hypot: ofTwo((x, y, { op }) => op('SQRT', op('ADD', op('MUL', x, x), op('MUL', y, y)))),
  Rad2deg: ofFloats((x, { op }) => op('MUL', x, 180 / Math.PI)),
  Sinc: ofFloats(sinc),
};
