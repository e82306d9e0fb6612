#!/usr/bin/env node
import { main } from '../dist/bin/tflite-convert.js';

process.exitCode = await main(process.argv.slice(2));
