import { describeType, functionType, type ModuleShape } from "../read/module-shape.ts";
import { EDIT, type EditList } from "../write/edit-list.ts";
import type { FunctionScan } from "./function-scan.ts";

/** Who may call whom. Nodes are the module's own functions, then one for each indirect signature. */
interface CallGraph {
	readonly successors: readonly (readonly number[])[];
	readonly functions: number;
}

export function callGraph(
	shape: ModuleShape,
	scans: readonly FunctionScan[],
	edits: EditList,
): CallGraph {
	const imports = shape.imports.length;
	const successors: number[][] = scans.map(() => []);
	const signatures = new Map<string, number>();
	const nodeOfType = new Map<number, number>();
	/** The node of "any function of this type that the table may hold"; equal types have one. */
	const indirect = (type: number): number => {
		const known = nodeOfType.get(type);
		if (known !== undefined) return known;
		const signature = describeType(shape.types[type]);
		const node = signatures.get(signature) ?? successors.push([]) - 1;
		signatures.set(signature, node);
		nodeOfType.set(type, node);
		return node;
	};
	scans.forEach((scan, node) => {
		const called = new Set<number>();
		for (let edit = scan.firstEdit; edit < scan.endEdit; edit++) {
			if (edits.kind(edit) !== EDIT.call) continue;
			const callee = edits.value(edit);
			// what answers an import calls nothing of the module's
			if (callee >= 0 && callee < imports) continue;
			called.add(callee < 0 ? indirect(-1 - callee) : callee - imports);
		}
		successors[node].push(...called);
	});
	for (const index of shape.addressTaken) {
		const node = signatures.get(describeType(functionType(shape, index)));
		if (node !== undefined && index >= imports) successors[node].push(index - imports);
	}
	return { successors, functions: scans.length };
}

/** What the graph says of the stack. */
interface StackUse {
	/** Per function: true when it may be on the stack twice at once. */
	readonly recursive: readonly boolean[];
	/** The maximum bytes that the other functions take together. */
	readonly bytes: number;
}

/**
 * Tarjan's strongly connected components ("Depth-first search and linear graph algorithms", 1972),
 * without recursion. A component is finished after all that it calls, so the deepest path below it
 * is known then.
 */
export function stackUse(
	{ successors, functions }: CallGraph,
	frameBytes: (node: number) => number,
): StackUse {
	const nodes = successors.length;
	const order = new Int32Array(nodes).fill(-1);
	const low = new Int32Array(nodes);
	const next = new Int32Array(nodes);
	const onStack = new Uint8Array(nodes);
	const deepest = new Float64Array(nodes);
	const recursive: boolean[] = new Array(functions).fill(false);
	const path: number[] = [];
	const stack: number[] = [];
	let count = 0;

	const enter = (node: number): void => {
		order[node] = low[node] = count++;
		onStack[node] = 1;
		stack.push(node);
		path.push(node);
	};
	const finish = (root: number): void => {
		const component = stack.splice(stack.lastIndexOf(root));
		const isCycle = component.length > 1 || successors[root].includes(root);
		let bytes = 0;
		for (const node of component) {
			onStack[node] = 0;
			for (const callee of successors[node]) bytes = Math.max(bytes, deepest[callee]);
			if (isCycle && node < functions) recursive[node] = true;
		}
		if (!isCycle && root < functions) bytes += frameBytes(root);
		for (const node of component) deepest[node] = bytes;
	};
	for (let start = 0; start < nodes; start++) {
		if (order[start] >= 0) continue;
		enter(start);
		while (path.length > 0) {
			const node = path[path.length - 1];
			if (next[node] < successors[node].length) {
				const callee = successors[node][next[node]++];
				if (order[callee] < 0) enter(callee);
				else if (onStack[callee]) low[node] = Math.min(low[node], order[callee]);
				continue;
			}
			path.pop();
			const caller = path[path.length - 1];
			if (caller !== undefined) low[caller] = Math.min(low[caller], low[node]);
			if (low[node] === order[node]) finish(node);
		}
	}
	return { recursive, bytes: deepest.reduce((a, b) => Math.max(a, b), 0) };
}
