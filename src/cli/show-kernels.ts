import type { KernelReport, NodeKernel } from '../report/kernels.js';
import { columns, styled } from './terminal.js';

/** The end of a long name says more than its beginning. */
const LONGEST = 60;
const shortened = (name: string): string => (name.length > LONGEST ? `…${name.slice(1 - LONGEST)}` : name);

/** `gemm_f32_4x8`, or how the node comes into the kernel of another one. */
const hereText = ({ kernel, within }: NodeKernel): string => (within === null ? kernel : `with ${shortened(within)}`);

function liteRtText({ litert, slowdown }: NodeKernel): string {
  if (slowdown !== null) return styled('yellow', `${litert}, ${slowdown} times slower`);
  return litert === 'none' ? styled('red', litert) : litert;
}

/** A line for each node, the counts of LiteRT's kernels, and what is slow there. */
export function kernelLines({ nodes, litert, warnings }: KernelReport): string[] {
  const head = ['operator', 'output', 'kernel here', 'in LiteRT'].map((t) => styled('bold', t));
  const rows = nodes.map((node) => [node.op, shortened(node.name), hereText(node), liteRtText(node)]);
  const counts = Object.entries(litert).map(([kernel, n]) => `${n} ${kernel}`);
  return [
    ...columns([head, ...rows]),
    '',
    `in LiteRT: ${counts.join(', ')}`,
    ...warnings.map((w) => styled('yellow', w)),
  ];
}
