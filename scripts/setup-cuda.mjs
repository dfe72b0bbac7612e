#!/usr/bin/env node
// `npm run setup:cuda`: fetches ONNX Runtime's CUDA libraries on 64-bit Linux. Needs CUDA 12 and cuDNN 9 on the system.
import { install, requireNode, runPackage } from './environment.mjs';

requireNode();
install();
const fetched = runPackage('onnxruntime-node/script/install.js', [], { ONNXRUNTIME_NODE_INSTALL: 'cuda12' });
console.log(
  fetched ? 'The CUDA libraries are in place.' : 'The CUDA libraries could not be fetched; see the lines above.',
);
process.exit(fetched ? 0 : 1);
