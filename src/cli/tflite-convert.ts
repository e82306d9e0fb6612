import { Command, InvalidArgumentError, Option } from 'commander';
import type { ReadOptions } from '../formats/types.js';
import type { Shape } from '../ir/tensor.js';
import { guard } from './main.js';
import { say } from './terminal.js';
import { UsageError } from './usage.js';
import { version } from './version.js';

/** A flag of the original converter that changes nothing here, with the reason to tell. */
interface Ignored {
  readonly flag: string;
  readonly why: string;
}

const IGNORED: readonly Ignored[] = [
  { flag: 'enable_v1_converter', why: 'both generations of flags are understood at once' },
  { flag: 'experimental_new_converter', why: 'there is one converter here' },
  { flag: 'experimental_new_quantizer', why: 'there is one quantizer here' },
  { flag: 'experimental_enable_mlir_quantizer', why: 'there is one quantizer here' },
  { flag: 'drop_control_dependency', why: 'control dependencies are always dropped' },
  { flag: 'reorder_across_fake_quant', why: 'the order is kept' },
  { flag: 'propagate_fake_quant_ranges', why: 'FakeQuant becomes QUANTIZE and DEQUANTIZE' },
  { flag: 'change_concat_input_ranges', why: 'it concerned an integer scheme that is gone' },
  { flag: 'allow_nudging_weights_to_use_fast_gemm_kernel', why: 'it concerned uint8 kernels that are gone' },
  { flag: 'dedupe_array_min_size_bytes', why: 'equal constants always share one buffer' },
  { flag: 'split_tflite_lstm_inputs', why: 'LSTM operators are always written in the full form' },
  { flag: 'default_ranges_min', why: 'dummy quantization would make up the ranges of activations' },
  { flag: 'default_ranges_max', why: 'dummy quantization would make up the ranges of activations' },
  { flag: 'mean_values', why: 'they describe uint8 inputs, and the inputs stay float' },
  { flag: 'std_dev_values', why: 'they describe uint8 inputs, and the inputs stay float' },
  { flag: 'conversion_summary_dir', why: 'use "tersor convert --json" for a report, "--dump-ir DIR" for every step' },
  { flag: 'dump_graphviz_dir', why: 'use "tersor convert --dump-ir DIR": the graph as text after every pass' },
  { flag: 'dump_graphviz_video', why: 'use "tersor convert --dump-ir DIR": the graph as text after every pass' },
  { flag: 'custom_opdefs', why: 'unknown operations need no definition with --allow_custom_ops' },
];

const list = (text: string): string[] => text.split(',').map((s) => s.trim()).filter(Boolean); // biome-ignore format: short
const flag = (text: string): boolean => {
  if (/^(1|true|yes|y|t)$/i.test(text)) return true;
  if (/^(0|false|no|n|f)$/i.test(text)) return false;
  throw new InvalidArgumentError('expected true or false');
};

interface Flags {
  readonly output_file: string;
  readonly saved_model_dir?: string;
  readonly graph_def_file?: string;
  readonly input_file?: string;
  readonly keras_model_file?: string;
  readonly saved_model_tag_set?: string[];
  readonly saved_model_signature_key?: string;
  readonly input_arrays?: string[];
  readonly output_arrays?: string[];
  readonly input_shapes?: string;
  readonly post_training_quantize?: boolean;
  readonly quantize_weights?: boolean;
  readonly quantize_to_float16?: boolean;
  readonly allow_custom_ops?: boolean;
  readonly target_ops?: string;
}

function command(): Command {
  const toggle = (name: string, text: string) => new Option(`--${name} [bool]`, text).argParser(flag).preset('true');
  const program = new Command('tflite_convert')
    .description("convert to .tflite with the original converter's flags, of its first and second generation")
    .version(version())
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .requiredOption('--output_file <file>', 'the .tflite file to write')
    .option('--saved_model_dir <dir>', 'SavedModel to convert')
    .option('--graph_def_file <file>', 'frozen GraphDef to convert')
    .option('--input_file <file>', 'the same as --graph_def_file')
    .option('--keras_model_file <file>', 'Keras file to convert')
    .option('--saved_model_tag_set <tags>', 'MetaGraph tags, comma-separated', list)
    .option('--saved_model_signature_key <key>', 'signature to convert')
    .option('--input_arrays <names>', 'input tensors of a GraphDef, comma-separated', list)
    .option('--output_arrays <names>', 'output tensors of a GraphDef, comma-separated', list)
    .option('--input_shapes <shapes>', 'shapes of --input_arrays: 1,224,224,3:1,10');
  program
    .addOption(toggle('post_training_quantize', 'quantize the weights to int8 (dynamic range)'))
    .addOption(toggle('quantize_weights', 'the same as --post_training_quantize'))
    .addOption(toggle('quantize_to_float16', 'store the weights as float16'))
    .addOption(toggle('allow_custom_ops', 'let unknown operations through as custom operators'))
    .addOption(new Option('--output_format <format>', 'TFLITE').choices(['TFLITE']))
    .addOption(new Option('--input_format <format>', 'TENSORFLOW_GRAPHDEF').choices(['TENSORFLOW_GRAPHDEF', 'TFLITE']))
    .addOption(new Option('--target_ops <sets>', 'TFLITE_BUILTINS'))
    .addOption(new Option('--inference_type <type>', 'FLOAT').choices(['FLOAT']))
    .addOption(new Option('--inference_input_type <type>', 'FLOAT').choices(['FLOAT']))
    .addOption(new Option('--inference_output_type <type>', 'FLOAT').choices(['FLOAT']));
  for (const { flag: name, why } of IGNORED)
    program.addOption(new Option(`--${name} [value]`, `ignored: ${why}`).hideHelp());
  return program;
}

function inputPath(flags: Flags): string {
  const given = [flags.saved_model_dir, flags.graph_def_file ?? flags.input_file, flags.keras_model_file].filter(
    (p) => p !== undefined,
  );
  if (given.length === 1) return given[0] as string;
  throw new UsageError('give one of --saved_model_dir, --graph_def_file and --keras_model_file');
}

/** `--input_arrays a,b --input_shapes 1,2:3,4` as a map. */
function inputShapes(flags: Flags): Record<string, Shape> | undefined {
  if (flags.input_shapes === undefined) return undefined;
  const names = flags.input_arrays ?? [];
  const shapes = flags.input_shapes.split(':').map((s) => list(s).map(Number));
  if (shapes.length !== names.length || shapes.some((s) => s.some((d) => !Number.isInteger(d))))
    throw new UsageError('--input_shapes: one shape for each of --input_arrays expected, such as 1,224,224,3:1,10');
  return Object.fromEntries(names.map((name, i) => [name, shapes[i] as Shape]));
}

function readOptionsOf(flags: Flags): ReadOptions {
  const shapes = inputShapes(flags);
  return {
    ...(flags.saved_model_tag_set && { tags: flags.saved_model_tag_set }),
    ...(flags.saved_model_signature_key && { signatures: [flags.saved_model_signature_key] }),
    ...(flags.input_arrays && !flags.saved_model_dir && { inputs: flags.input_arrays }),
    ...(flags.output_arrays && !flags.saved_model_dir && { outputs: flags.output_arrays }),
    ...(shapes && { inputShapes: shapes }),
    ...(flags.allow_custom_ops && { allowCustomOps: true }),
  };
}

async function run(flags: Flags): Promise<void> {
  for (const { flag: name, why } of IGNORED) if (name in flags) say(`--${name} is ignored: ${why}.`);
  if (/SELECT_TF_OPS/i.test(flags.target_ops ?? ''))
    say(
      "--target_ops: TensorFlow's own kernels (Select TF) are not written; operations without a builtin are an error.",
    );
  if (flags.saved_model_dir && (flags.input_arrays || flags.output_arrays))
    say('--input_arrays and --output_arrays only name shapes here: a SavedModel has its signatures.');
  const quantized = flags.post_training_quantize || flags.quantize_weights;
  const quantize = flags.quantize_to_float16 ? 'float16' : quantized ? 'dynamic' : 'none';
  const { runConvert } = await import('./convert-file.js');
  await runConvert(
    inputPath(flags),
    flags.output_file,
    { ...readOptionsOf(flags), quantize },
    { explain: false, json: false },
  );
}

/** Runs `tflite_convert` with these arguments and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  return guard(async () => {
    const program = command();
    await program.action(() => run(program.opts<Flags>())).parseAsync(argv as string[], { from: 'user' });
  });
}
