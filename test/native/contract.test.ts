import { openNative } from '#adapters/native/open.js';
import { describeBackendContract, OUTPUT_LIMIT } from '../contract/backend-contract.js';
import { FAULTY, fixture, specOf } from './libraries.js';

describeBackendContract('the native adapter', {
  open: () => openNative()(specOf(fixture('faulty'), FAULTY, { outputLimit: OUTPUT_LIMIT }), () => undefined),
});
