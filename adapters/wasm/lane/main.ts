import { parentPort, workerData } from 'node:worker_threads';
import { runLane } from './run-lane.js';
import type { LaneStart } from '../messages.js';

// The parent starts this file as a worker thread and hands over nothing but a LaneStart.
if (parentPort === null) throw new Error('this is the entry of a lane, a worker thread of the gateway');
runLane(workerData as LaneStart, parentPort);
