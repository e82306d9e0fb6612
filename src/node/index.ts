export { openFile, openFolder, openModel, writeFileAtomically } from './files.js';
