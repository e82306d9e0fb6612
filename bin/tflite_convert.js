#!/usr/bin/env node
import { main } from '../dist/cli/tflite-convert.js';

process.exitCode = await main(process.argv.slice(2));
