import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { TfModel, TfNode } from '../graph.js';
import { cutBehind } from './cut.js';

/** Layers named for each operation. */
const NAMED = 3;
/** Operations and cases listed in full. */
const LISTED = 12;

/** Families of operations with a common remedy. */
const FAMILIES: readonly { readonly ops: RegExp; readonly remedy: string }[] = [
  {
    ops: /^(Stateless)?(While|If|Case)$|^(Ref)?(Enter|Exit|Switch|Merge|NextIteration)$|^(LoopCond|For|RemoteCall|SymbolicGradient)$|^Tensor(List|Array)/,
    remedy:
      'These loops and lists have a form that is not known here: unroll the layers (`unroll=True`), or export the part ' +
      'of the model without them.',
  },
  {
    ops: /^(Lookup|HashTable|MutableHashTable|InitializeTable|AnonymousHashTable|StaticHashTable)|^(String|Regex|Unicode|AsString|Decode|Encode|Parse|ReduceJoin|ReadFile)/,
    remedy: 'Text, lookup tables and file formats belong in front of the model: export it from the numeric tensors on.',
  },
  {
    ops: /VariableOp|^(Variable|VarHandle|Assign|Scatter(Update|Add|Sub))|^Resource/,
    remedy: 'Variables that the model writes while it runs are not supported: export the inference function only.',
  },
];

/** Collects everything of a model that cannot be lowered, for one error that names it all. */
export class Unsupported {
  readonly #operations = new Map<string, string[]>();
  readonly #cases: ModelError[] = [];
  readonly #stubs = new Set<Value>();

  get isEmpty(): boolean {
    return this.#operations.size === 0 && this.#cases.length === 0;
  }

  /** How many nodes have been noted. */
  get count(): number {
    return this.#cases.length + [...this.#operations.values()].reduce((n, names) => n + names.length, 0);
  }

  /** An operation without a row. */
  addOperation(node: TfNode): void {
    const names = this.#operations.get(node.op) ?? [];
    this.#operations.set(node.op, names);
    names.push(node.name);
  }

  /** A node of a known operation in a form that has no counterpart. */
  addCase(node: TfNode, error: ModelError): void {
    const where = `${node.op} '${node.name}'`;
    this.#cases.push(
      error.message.includes(node.name) ? error : new ModelError('unsupported', error.message, { where }),
    );
  }

  /** True for operations that stand for graphs of their own: a custom operator cannot replace them. */
  isControlFlow(node: TfNode): boolean {
    return FAMILIES[0]?.ops.test(node.op) ?? false;
  }

  /** Remembers a value as the result of something that could not be lowered. */
  stub(value: Value): Value {
    this.#stubs.add(value);
    return value;
  }

  comesFrom(value: Value): boolean {
    return this.#stubs.has(value);
  }

  /** @throws {ModelError} `unsupported` when anything was collected. */
  report(model: TfModel): void {
    if (this.isEmpty) return;
    const lines = [...this.#cases.map((e) => e.message), ...[...this.#operations].map(describe)];
    const more = lines.length - LISTED;
    const listed = more > 0 ? [...lines.slice(0, LISTED), `and ${more} more`] : lines;
    const remedies = FAMILIES.filter((f) => [...this.#operations.keys()].some((op) => f.ops.test(op))).map(
      (f) => f.remedy,
    );
    if ([...this.#operations.keys()].some((op) => FAMILIES[1]?.ops.test(op))) {
      const cut = cutBehind(model, (node) => this.#operations.has(node.op));
      if (cut) remedies.push(cut);
    }
    const others = [...this.#operations.keys()].some((op) => !FAMILIES.some((f) => f.ops.test(op)));
    if (others || (this.#operations.size > 0 && remedies.length === 0))
      remedies.push('Replace these layers, or allow custom operators if your runtime implements them.');
    if (this.#operations.size === 0) {
      const [only] = this.#cases;
      if (only && this.#cases.length === 1) throw only;
      throw new ModelError(
        'unsupported',
        `the model cannot be expressed in TFLite operators:\n  ${listed.join('\n  ')}`,
      );
    }
    const total = this.#operations.size === 1 && lines.length === 1;
    throw new ModelError(
      'unsupported',
      total
        ? `the model uses an operation without a TFLite counterpart: ${listed[0]}. ${remedies.join(' ')}`
        : `the model uses operations without a TFLite counterpart:\n  ${listed.join('\n  ')}\n${remedies.join('\n')}`,
    );
  }
}

function describe([op, names]: [string, readonly string[]]): string {
  const shown = names.slice(0, NAMED).map((n) => `'${n}'`);
  const more = names.length > NAMED ? ', …' : '';
  return `${op}${names.length > 1 ? ` ×${names.length}` : ''} (layer ${shown.join(', ')}${more})`;
}
