import { startGateway } from '../gateway.js';
import { type Memory, memoryOf } from './memory.js';

/** Of a gateway's own process, on the example plugins and without their children. */
export async function measureGateway(): Promise<Memory | null> {
  const { pid, stop } = await startGateway({ node: process.execPath });
  try {
    return pid === undefined ? null : memoryOf(pid);
  } finally {
    await stop();
  }
}
