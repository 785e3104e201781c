import { containedProcesses } from '#adapters/native/contained.js';
import { openInProcesses } from '#adapters/wasm/process/parent/open.js';
import { describeBackendContract, OUTPUT_LIMIT } from '../../contract/backend-contract.js';
import { FLAVOURS } from '../../native/containment.js';
import { FAULTY, specOf } from '../harness.js';

for (const { flavour, options } of FLAVOURS)
  describeBackendContract(`the wasm adapter, in a process ${flavour},`, {
    open: () =>
      openInProcesses({ contained: containedProcesses(options), lanes: 1 })(
        specOf('faulty.wasm', FAULTY, { outputLimit: OUTPUT_LIMIT, isolation: 'process' }),
        () => undefined,
      ),
  });
