"""The modular network as a few matrix products with C between them, forward and backward.

The same function as `ModularNetwork.modules_forward` with less of what is not a matrix product:
observations are read once, straight from the rollout and in the type of the
products; biases, relu, embeddings and the Buff module are one C pass each (csrc/network.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cam_arena import _core, _training

if TYPE_CHECKING:
    from .networks import ModularNetwork

__all__ = ["Plan", "forward"]

Rows = NDArray[np.int64] | None
# Products in bfloat16 are compiled for every new number of rows, which takes as long as a small
# product: a batch is filled up to a multiple of this.
BLOCK = 64
PLAIN = (nn.Linear, nn.Embedding, nn.ModuleList)  # what the passes know how to compute


class Plan:
    """What the C passes need to know of a network's layout."""

    def __init__(
        self,
        basic: list[int],
        element: list[int],
        embeddings: list[tuple[str, int, int, int, float]],
        effects: tuple[int, int] | None,
    ) -> None:
        """Describe it.

        Args:
            basic: columns of the Basic module.
            element: columns that the Element module reads as they are; none: there is no such
                module.
            embeddings: what follows them, each as the name of an `nn.Embedding` and its ids' first
                column, number of columns, distance between these and scale.
            effects: first columns of the own and the opponent's effects; None: no Buff module.
        """
        self.basic, self.element = _spans(basic), _spans(element)
        self.num_basic, self.num_element = len(basic), len(element)
        self.embeddings, self.effects = embeddings, effects
        self._names = ["basic", *(["element"] if self.num_element else [])]
        self._names += [name for name, *_ in embeddings]
        self._names += [] if effects is None else ["effect", "effect_id"]
        self._kept: tuple[Any, _Weights] | None = None

    def parameters(self, network: ModularNetwork) -> list[Tensor] | None:
        """Return the network's parameters in the order that the passes below take them.

        None if its modules would compute something else, because a scheme put other layers in
        their place, or hooks on them.
        """
        modules: dict[str, Any] = dict(network._modules)
        torso, found = modules["torso"], []
        layers = [modules[name] for name in self._names]
        layers += [*torso._modules.values(), modules["head"]]
        for layer in (*layers, torso):
            if (
                type(layer) not in PLAIN
                or layer._forward_hooks
                or layer._forward_pre_hooks
                or layer._backward_hooks
            ):
                return None
            # not by attribute, which costs more than a small product
            found += [p for p in layer._parameters.values() if p is not None]
        return found

    def weights(self, parameters: list[Tensor], dtype: torch.dtype) -> _Weights:
        """Return the parameters in the form of the passes; kept while they stay what they are.

        Only of a network that nobody trains: a learner's change beneath a tensor's version.
        """
        if any(parameter.requires_grad for parameter in parameters):
            return _Weights(self, dtype, [p.detach() for p in parameters])
        key = dtype, [(parameter.data_ptr(), parameter._version) for parameter in parameters]
        if self._kept is None or self._kept[0] != key:
            self._kept = key, _Weights(self, dtype, parameters)
        return self._kept[1]


def _can_read(observations: Tensor) -> bool:
    """Return whether the passes can; not off the CPU, nor while a network is traced or exported."""
    return (
        type(observations) is Tensor
        and not torch._C._get_tracing_state()
        and not torch.compiler.is_compiling()
        and observations.device.type == "cpu"
        and observations.dtype == torch.float32
        and observations.is_contiguous()
        and not observations.requires_grad
    )


def forward(
    network: ModularNetwork, plan: Plan, observations: Tensor, rows: Rows
) -> tuple[Tensor, Tensor] | None:
    """Compute logits and values, if the passes can do what the network's modules would.

    Args:
        network: whose parameters to use.
        plan: of its layout.
        observations: float32, shape (N, O).
        rows: which of them, shape (B,); None: all.

    Returns:
        Logits, float32, shape (B, K), and values, float32, shape (B,); None: ask the modules.

    Raises:
        ValueError: if an id is beyond the network's embeddings.
    """
    parameters = plan.parameters(network) if _can_read(observations) else None
    if parameters is None:
        return None
    is_low = torch.is_autocast_enabled("cpu")
    dtype = torch.get_autocast_dtype("cpu") if is_low else torch.float32
    if dtype not in (torch.float32, torch.bfloat16):
        raise ValueError(f"the trainers compute in float32 or bfloat16, got {dtype}")
    if torch.is_grad_enabled() and any(parameter.requires_grad for parameter in parameters):
        found: tuple[Tensor, Tensor] = _Network.apply(  # type: ignore[no-untyped-call]
            plan, dtype, observations, rows, *parameters
        )
        return found
    return _Pass(plan, dtype, observations, rows, plan.weights(parameters, dtype)).forward()


class _Weights:
    """Parameters in the types of the products and of the C passes between them."""

    def __init__(self, plan: Plan, dtype: torch.dtype, parameters: list[Tensor]) -> None:
        """Take them in the order of `Plan.parameters`, without gradients."""
        self.parameters = parameters  # while these weights are kept, no other can take their place
        rest = iter(parameters)
        self.basic, self.basic_bias = next(rest).to(dtype), next(rest)
        self.tables: list[Tensor] = []
        if plan.num_element:
            self.element, self.element_bias = next(rest).to(dtype), next(rest)
            self.tables = [next(rest) for _ in plan.embeddings]
        if plan.effects is not None:
            self.effect = (next(rest).t().contiguous(), next(rest), next(rest))
        left = list(rest)
        self.layers = [(w.to(dtype), b) for w, b in zip(left[::2], left[1::2], strict=True)]


class _Pass:
    """One forward pass, which keeps what the backward pass needs."""

    def __init__(
        self,
        plan: Plan,
        dtype: torch.dtype,
        observations: Tensor,
        rows: Rows,
        weights: _Weights,
    ) -> None:
        self.plan, self.dtype, self.rows = plan, dtype, rows
        self.observations = observations.detach().numpy()
        self.count = len(observations) if rows is None else len(rows)
        block = BLOCK if dtype == torch.bfloat16 else 1
        self.filled = -(-self.count // block) * block
        self.weights = weights

    def forward(self) -> tuple[Tensor, Tensor]:
        plan, count, filled, dtype = self.plan, self.count, self.filled, self.dtype
        weights = self.weights
        basic, element = len(weights.basic), len(weights.element) if plan.num_element else 0
        effects = 0 if plan.effects is None else 2 * len(weights.effect[1])
        self.parts = (slice(0, basic), slice(basic, basic + element))
        hidden = torch.empty(filled, basic + element + effects, dtype=dtype)
        hidden[count:] = 0  # nothing in what is filled up may be infinite: it is multiplied by 0

        self.basic_in = torch.empty(filled, plan.num_basic, dtype=dtype)
        self.basic_in[count:] = 0
        if element:
            self.element_in = torch.empty(filled, weights.element.shape[1], dtype=dtype)
            self.element_in[count:] = 0
        self._read(hidden[:count, basic + element :])
        _layer(self.basic_in, weights.basic, weights.basic_bias, hidden[:, self.parts[0]])
        if element:
            _layer(self.element_in, weights.element, weights.element_bias, hidden[:, self.parts[1]])

        self.hidden = [hidden]
        for weight, bias in weights.layers[:-1]:
            out = torch.empty(filled, len(weight), dtype=dtype)
            _layer(self.hidden[-1], weight, bias, out)
            self.hidden.append(out)
        weight, bias = weights.layers[-1]
        scores = torch.mm(self.hidden[-1], weight.t())
        logits = torch.empty(count, _core.NUM_ACTIONS, dtype=torch.float32)
        values = torch.empty(count, dtype=torch.float32)
        sizes = _core.NUM_DIRECTIONS, _core.NUM_BUTTONS
        _training.head(_view(scores[:count]), *sizes, bias.numpy(), logits.numpy(), values.numpy())
        return logits, values

    def _read(self, effects: Tensor) -> None:
        """Fill the modules' inputs, and what comes of the effects, from the observations."""
        plan, weights, count = self.plan, self.weights, self.count
        embeddings = [
            (first, num, step, scale, table.numpy())
            for (_, first, num, step, scale), table in zip(
                plan.embeddings, weights.tables, strict=True
            )
        ]
        module = None
        if plan.effects is not None:
            weight, bias, ids = (part.numpy() for part in weights.effect)
            module = plan.effects, weight, bias, ids
        bad = _training.read(
            self.observations,
            self.rows,
            plan.basic,
            _view(self.basic_in[:count]),
            plan.element,
            embeddings,
            _view(self.element_in[:count]) if plan.num_element else None,
            module,
            None if module is None else _view(effects),
        )
        if bad >= 0:
            row, which = divmod(bad, len(embeddings))
            self._refuse(row, plan.embeddings[which], len(weights.tables[which]))

    def backward(self, grad_logits: Tensor, grad_values: Tensor) -> list[Tensor]:
        plan, weights = self.plan, self.weights
        weight, bias = weights.layers[-1]
        grad = torch.empty(self.filled, len(weight), dtype=self.dtype)
        grad[self.count :] = 0
        grad_bias = torch.zeros_like(bias)
        _training.head_gradient(
            grad_logits.contiguous().numpy(),
            grad_values.contiguous().numpy(),
            _core.NUM_DIRECTIONS,
            _core.NUM_BUTTONS,
            _view(grad[: self.count]),
            grad_bias.numpy(),
        )
        last = [torch.mm(grad.t(), self.hidden[-1]), grad_bias]
        for index in range(len(weights.layers) - 2, -1, -1):
            grad = torch.mm(grad, weights.layers[index + 1][0])
            grad_bias = _through_relu(grad, self.hidden[index + 1])
            last = [torch.mm(grad.t(), self.hidden[index]), grad_bias, *last]
        grad = torch.mm(grad, weights.layers[0][0])

        part = grad[:, self.parts[0]]
        grad_bias = _through_relu(part, self.hidden[0][:, self.parts[0]])
        found = [torch.mm(part.t(), self.basic_in), grad_bias]
        if plan.num_element:
            part = grad[:, self.parts[1]]
            grad_bias = _through_relu(part, self.hidden[0][:, self.parts[1]])
            found += [torch.mm(part.t(), self.element_in), grad_bias]
            below = torch.empty_like(self.element_in)
            torch.mm(part, weights.element[:, plan.num_element :], out=below[:, plan.num_element :])
            for table, columns, out in self._embedded(below[: self.count]):
                found.append(torch.zeros_like(table))
                _training.embed_gradient(
                    self.observations, self.rows, *columns, _view(out), found[-1].numpy()
                )
        if plan.effects is not None:
            grads = [torch.zeros_like(tensor) for tensor in weights.effect]
            _training.effects_gradient(
                self.observations,
                self.rows,
                plan.effects,
                weights.effect[0].numpy(),
                weights.effect[1].numpy(),
                weights.effect[2].numpy(),
                _view(grad[: self.count, self.parts[1].stop :]),
                grads[0].numpy(),
                grads[1].numpy(),
                grads[2].numpy(),
            )
            found += [grads[0].t(), grads[1], grads[2]]
        return [tensor.float() for tensor in found + last]

    def _embedded(self, inputs: Tensor) -> list[tuple[Tensor, tuple[int, int, int, float], Tensor]]:
        """Each embedding's table, columns of ids, and place in the Element module's inputs."""
        found, start = [], self.plan.num_element
        for table, columns in zip(self.weights.tables, self.plan.embeddings, strict=True):
            _, first, num, step, scale = columns
            stop = start + table.shape[1]
            found.append((table, (first, num, step, scale), inputs[:, start:stop]))
            start = stop
        return found

    def _refuse(self, bad: int, embedding: tuple[str, int, int, int, float], num_ids: int) -> None:
        row = bad if self.rows is None else int(self.rows[bad])
        _, first, num, step, scale = embedding
        given = self.observations[row, first : first + num * step : step] * scale
        raise ValueError(
            f"this policy knows the characters 0..{num_ids - 1}, got {given.max():g}; "
            "it was trained on a smaller roster"
            if scale > 64
            else f"row {row} names equipment {given.tolist()}; this policy knows 0..{num_ids - 1}"
        )


class _Network(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, plan: Plan, dtype: torch.dtype, observations: Tensor, rows: Rows, *given: Tensor
    ) -> tuple[Tensor, Tensor]:
        weights = _Weights(plan, dtype, [tensor.detach() for tensor in given])
        ctx.kept = _Pass(plan, dtype, observations, rows, weights)
        found: tuple[Tensor, Tensor] = ctx.kept.forward()
        return found

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, None, None, *ctx.kept.backward(*grads)


def _layer(inputs: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """Write relu(inputs weight^T + bias)."""
    torch.mm(inputs, weight.t(), out=out)
    _training.bias_relu(_view(out), bias.numpy())


def _through_relu(grad: Tensor, out: Tensor) -> Tensor:
    """Take a gradient through a relu in place; return that of the bias before it."""
    grad_bias = torch.zeros(out.shape[1], dtype=torch.float32)
    _training.bias_relu_gradient(_view(grad), _view(out), grad_bias.numpy())
    return grad_bias


def _view(tensor: Tensor) -> NDArray[Any]:
    """Return the memory of a tensor as float32, or as the bits of its bfloat16."""
    if tensor.dtype == torch.float32:
        return tensor.numpy()
    return tensor.view(torch.int16).numpy().view(np.uint16)


def _spans(columns: list[int]) -> NDArray[np.int32]:
    """Return runs of adjacent columns, in order, as (start, stop), shape (S, 2)."""
    array = np.asarray(columns, np.int32)
    breaks = np.flatnonzero(np.diff(array) != 1) + 1
    runs = [run for run in np.split(array, breaks) if len(run)]
    return np.array([(run[0], run[-1] + 1) for run in runs], np.int32).reshape(-1, 2)
