type Attributes = Readonly<Record<string, string | boolean | undefined>>;
export type Child = Node | string;

/** An element with attributes and children. Texts become text, whatever is in them. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

/** A button that does nothing but this. */
export function button(label: string, act: () => unknown, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', () => void act());
  return made;
}

/** A path that may break after each of its slashes. */
export const breakable = (path: string): Child[] =>
  path.split(/(?<=\/)/).flatMap((part, index) => (index === 0 ? [part] : [element('wbr'), part]));

/** What the page's own HTML is known to have. @throws Error */
export function find<Wanted extends HTMLElement>(id: string, type: new () => Wanted): Wanted {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no #${id}.`);
  return found;
}
