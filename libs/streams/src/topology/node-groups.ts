/** Nodes that are connected to each other, by edges or by a store that they share. */
export class NodeGroups {
  readonly #parents = new Map<string, string>();

  add(name: string): void {
    this.#parents.set(name, name);
  }

  unite(one: string, other: string): void {
    this.#parents.set(this.#root(other), this.#root(one));
  }

  /** The groups, each in the order in which its nodes were added, by their first node. */
  groups(): readonly (readonly string[])[] {
    const groups = new Map<string, string[]>();
    for (const name of this.#parents.keys()) {
      const root = this.#root(name);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [name]);
      else group.push(name);
    }
    return [...groups.values()];
  }

  #root(name: string): string {
    let root = name;
    for (let parent = this.#parents.get(root); parent !== undefined && parent !== root;) {
      root = parent;
      parent = this.#parents.get(root);
    }
    return root;
  }
}
