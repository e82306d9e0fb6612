#!/usr/bin/env node
import { loadBundle } from '../dist/cli/launch.js';

process.exitCode = await loadBundle().commands.tflite_convert(process.argv.slice(2));
