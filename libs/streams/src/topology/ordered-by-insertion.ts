interface TreeNode<T> {
  readonly value: T;
  parent: TreeNode<T> | null;
  left: TreeNode<T> | null;
  right: TreeNode<T> | null;
  red: boolean;
}

/**
 * A red-black tree that compares only during insertion. It has the shape of Java's `TreeSet`, whose
 * order differs from a sorted list if values change after their insertion.
 */
export class OrderedByInsertion<T> {
  readonly #compare: (one: T, other: T) => number;
  #root: TreeNode<T> | null = null;

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  add(value: T): void {
    const node: TreeNode<T> = { value, parent: null, left: null, right: null, red: true };
    let parent: TreeNode<T> | null = null;
    let order = 0;
    for (let place = this.#root; place !== null; place = order < 0 ? place.left : place.right) {
      parent = place;
      order = this.#compare(value, place.value);
      if (order === 0) return;
    }
    node.parent = parent;
    if (parent === null) this.#root = node;
    else if (order < 0) parent.left = node;
    else parent.right = node;
    this.#balance(node);
  }

  values(): readonly T[] {
    const values: T[] = [];
    const visit = (node: TreeNode<T> | null): void => {
      if (node === null) return;
      visit(node.left);
      values.push(node.value);
      visit(node.right);
    };
    visit(this.#root);
    return values;
  }

  #balance(inserted: TreeNode<T>): void {
    let node = inserted;
    for (let parent = node.parent; parent?.red === true; parent = node.parent) {
      const grandparent = parent.parent;
      if (grandparent === null) break;
      const isLeft = parent === grandparent.left;
      const uncle = isLeft ? grandparent.right : grandparent.left;
      grandparent.red = true;
      if (uncle?.red === true) {
        parent.red = false;
        uncle.red = false;
        node = grandparent;
        continue;
      }
      if (node === (isLeft ? parent.right : parent.left)) {
        this.#rotate(parent, isLeft);
        node = parent;
        parent = node.parent ?? parent;
      }
      parent.red = false;
      this.#rotate(grandparent, !isLeft);
    }
    if (this.#root !== null) this.#root.red = false;
  }

  /** Puts a child in the node's place: its right child if `toLeft`, otherwise its left child. */
  #rotate(node: TreeNode<T>, toLeft: boolean): void {
    const child = toLeft ? node.right : node.left;
    if (child === null) return;
    const inner = toLeft ? child.left : child.right;
    if (toLeft) node.right = inner;
    else node.left = inner;
    if (inner !== null) inner.parent = node;
    child.parent = node.parent;
    if (node.parent === null) this.#root = child;
    else if (node.parent.left === node) node.parent.left = child;
    else node.parent.right = child;
    if (toLeft) child.left = node;
    else child.right = node;
    node.parent = child;
  }
}
