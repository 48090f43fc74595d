/** Something between a caller and Directus that does not end by itself. */
export type Tunnel = {
  /** Ends both sides; what is under way to either still arrives. */
  end(): void;
  /** Ends both sides at once. */
  cut(): void;
};

/** Every tunnel of the process: they outlive a set-up that is replaced, and must not outlive the server. */
export type OpenTunnels = {
  add(tunnel: Tunnel): void;
  delete(tunnel: Tunnel): void;
  /** How many there are, handshakes included. */
  count(): number;
  /**
   * Ends them all, for good.
   * @param withinMs until those are cut that take no notice
   */
  close(withinMs: number): void;
  isClosed(): boolean;
};

export function createOpenTunnels(): OpenTunnels {
  const open = new Set<Tunnel>();
  let closed = false;
  return {
    add: (tunnel) => open.add(tunnel),
    delete: (tunnel) => open.delete(tunnel),
    count: () => open.size,
    close: (withinMs) => {
      closed = true;
      for (const tunnel of open) tunnel.end();
      setTimeout(() => {
        for (const tunnel of open) tunnel.cut();
      }, withinMs).unref();
    },
    isClosed: () => closed,
  };
}
