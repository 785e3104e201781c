import { afterAll } from 'vitest';
import { type Lanes, startLanes } from '#adapters/wasm/parent/lanes.js';
import { describeBackendContract, OUTPUT_LIMIT } from '../contract/backend-contract.js';
import { FAULTY, specOf } from './harness.js';

const started: Lanes[] = [];
afterAll(() => Promise.all(started.map((lanes) => lanes.close())));

describeBackendContract('the wasm adapter', {
  open: () => {
    const lanes = startLanes({ lanes: 1 });
    started.push(lanes);
    return lanes.open(specOf('faulty.wasm', FAULTY, { outputLimit: OUTPUT_LIMIT }), () => undefined);
  },
});
