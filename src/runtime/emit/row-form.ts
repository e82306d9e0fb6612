/**
 * How the rows of an integer product hold their elements. `shorts` are 16-bit integers less their zero point, two to a
 * step; `unsigned` and `signed` are bytes, four to a step, whose zero point is taken off the sums.
 */
export type RowForm = 'shorts' | 'unsigned' | 'signed';

export const formBytes = (form: RowForm): 1 | 2 => (form === 'shorts' ? 2 : 1);

/** Elements of a row that one step takes. */
export const formSteps = (form: RowForm): 2 | 4 => (form === 'shorts' ? 2 : 4);
