import { parentPort, workerData } from 'node:worker_threads';
import type { LaneStart } from '../messages.js';
import { runLane } from './run-lane.js';

// The parent starts this file as a worker thread and hands over nothing but a LaneStart.
if (parentPort === null) throw new Error('this is the entry of a comparison lane, a worker thread of the gateway');
await runLane(workerData as LaneStart, parentPort);
