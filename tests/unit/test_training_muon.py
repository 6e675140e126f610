"""The optimizer of the trainings."""

import torch

from encoders.training.muon import Muon, orthogonal


def test_directions_are_nearly_orthogonal() -> None:
    torch.manual_seed(1)
    for shape in ((2, 8, 20), (2, 20, 8)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape), 5))
        assert values.min() > 0.5 and values.max() < 1.3


def test_a_kernel_moves_as_the_matrix_of_all_its_inputs() -> None:
    torch.manual_seed(1)
    kernel, gradient = torch.randn(6, 4, 3, 3), torch.randn(6, 4, 3, 3)
    flat = kernel.reshape(6, -1).clone().requires_grad_()
    weight = kernel.clone().requires_grad_()
    flat.grad, weight.grad = gradient.reshape(6, -1).clone(), gradient.clone()
    for one in (flat, weight):
        Muon([one], lr=0.01, weight_decay=0.05).step()
    assert torch.allclose(weight.detach().reshape(6, -1), flat.detach(), atol=1e-6)
    assert not torch.allclose(weight.detach(), kernel)
