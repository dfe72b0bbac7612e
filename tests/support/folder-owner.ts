import { lockFolder } from '../../server/store/owner-lock.ts';

// A process that owns the folder it is given until it is killed.
await lockFolder(process.argv[2] ?? '');
process.send?.('locked');
setInterval(() => undefined, 60_000);
