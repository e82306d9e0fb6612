#!/usr/bin/env node
import { loadBundle } from '../dist/cli/launch.js';

process.exitCode = await loadBundle().commands.tersor(process.argv.slice(2));
