/** Makes something of each object once, for as long as the object is there: of an upstream, say, which never changes. */
export function oncePer<Key extends object, Made extends object | string>(
  make: (key: Key) => Made,
): (key: Key) => Made {
  const all = new WeakMap<Key, Made>();
  return (key) => {
    const known = all.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    all.set(key, made);
    return made;
  };
}
