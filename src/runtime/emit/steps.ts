import { i32 } from '../../wasm/instructions.js';
import { call, type Func, type WasmModule } from '../../wasm/module.js';
import { advance, repeat } from './loops.js';

/** A call of a kernel function in each step: its arguments are parameters of the loop, by index. */
export interface StepCall {
  readonly func: Func;
  readonly args: readonly number[];
  readonly units: number;
}

/** A loop over steps, such as those of a sequence. */
export interface StepsSpec {
  readonly count: number;
  readonly calls: readonly StepCall[];
  /** What is added to each parameter from step to step. */
  readonly strides: readonly number[];
}

export const stepsKey = ({ count, calls, strides }: StepsSpec): string =>
  `steps ${count} ${strides} ${calls.map(({ func, args, units }) => `${func.index}(${args})${units}`)}`;

/** Writes `(...parameters, from, to)`: all steps, one after the other, whatever the units. */
export function emitSteps(module: WasmModule, { count, calls, strides }: StepsSpec): Func {
  return module.func('steps', strides.length + 2, (locals, parameters) =>
    repeat(locals.i32(), count, [
      calls.map(({ func, args, units }) =>
        call(func, [...args.map((index) => parameters[index]!.get), i32.const(0), i32.const(units)]),
      ),
      strides.map((bytes, index) => advance(parameters[index]!, bytes)),
    ]),
  );
}
