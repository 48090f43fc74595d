// Preloaded into the Node processes that the demo starts (child.ts). The channel to the parent closes however the
// parent ends, a SIGKILL included: then the process group ends too, instead of holding its port or filling the disk.
// What those processes start themselves preloads this as well, but has no channel.
const PATIENCE_MS = 3_000;

process.channel?.unref();
process.once('disconnect', () => {
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), PATIENCE_MS).unref();
  process.kill(-process.pid, 'SIGTERM');
});
