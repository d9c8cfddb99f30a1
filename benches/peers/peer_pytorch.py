"""Train with plain PyTorch: `python peer_pytorch.py NETWORK THREADS SECONDS`."""

import math

import torch
from torch.nn import functional as F

import measure
from networks import NETWORKS


def main():
    settings = measure.settings()
    torch.set_num_threads(settings.threads)
    network, shape, classes, batch, labels = NETWORKS[settings.network]
    model = network().train()
    x = torch.tensor(measure.inputs(batch * math.prod(shape))).reshape(batch, *shape)
    y = torch.tensor(measure.labels(batch * math.prod(labels), classes)).reshape(batch, *labels)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=measure.LEARNING_RATE,
        betas=measure.BETAS,
        eps=measure.EPSILON,
        weight_decay=measure.WEIGHT_DECAY,
    )

    def step():
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    parameters = sum(p.numel() for p in model.parameters())
    measure.run(step, batch, parameters, settings.seconds)


main()
