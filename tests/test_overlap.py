"""Images on their way at once: all in order, two in the network on the CPU, one on a GPU, none after an error."""

import os
import threading
import time

import pytest
import torch

from mmseg_plugins.evaluation.overlap import AHEAD, IN_NETWORK, READERS, overlapped

CPU, GPU = torch.device("cpu"), torch.device("cuda")
SECONDS = 20


pytestmark = pytest.mark.usefixtures("two_cores")


@pytest.mark.parametrize("device", [CPU, GPU], ids=str)
@pytest.mark.parametrize("images", [0, 1, 50])
def test_results_come_in_the_order_of_the_images(device, images):
    def predict(index):
        time.sleep(0.004 * (index % 3 == 0))
        return index * index

    assert [*overlapped(lambda index: index, predict, images, device)] == [index**2 for index in range(images)]


def test_the_cpu_has_two_images_in_the_network_with_half_the_cores_each():
    both = threading.Barrier(2)

    def predict(index):
        both.wait(SECONDS)  # for the other image; breaks where there is none
        return torch.get_num_threads(), torch.is_inference_mode_enabled()

    assert [*overlapped(lambda index: index, predict, 6, CPU)] == [(1, True)] * 6
    assert torch.get_num_threads() == 2


def test_on_one_core_images_take_turns():
    torch.set_num_threads(1)
    assert at_once_in_network(CPU) == 1


def test_a_gpu_has_one_image_in_the_network_while_others_are_read():
    read_beside = threading.Event()

    def read(index):
        if index == 1:
            read_beside.set()

    def predict(_):
        return read_beside.wait(SECONDS)

    assert all(overlapped(read, predict, 2, GPU))
    assert at_once_in_network(GPU) == 1


def at_once_in_network(device):
    """The most images that were in the network at the same time."""
    lock, inside, most = threading.Lock(), 0, 0

    def predict(_):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.002)
        with lock:
            inside -= 1

    assert len([*overlapped(lambda index: index, predict, 20, device)]) == 20
    return most


@pytest.mark.parametrize(
    ("device", "threads"), [(CPU, IN_NETWORK["cpu"]), (GPU, min(READERS, os.cpu_count() or 1))], ids=["cpu", "cuda"]
)
def test_few_images_are_made_before_they_are_asked_for(device, threads):
    begun = []
    results = overlapped(begun.append, lambda _: None, 1000, device)
    next(results)
    time.sleep(0.05)
    assert len(begun) <= AHEAD * threads + 1
    results.close()


def test_an_error_comes_in_the_place_of_its_image_and_ends_the_rest():
    begun = []

    def read(index):
        begun.append(index)
        if index == 5:
            raise ValueError("image 5")
        return index

    results = overlapped(read, lambda index: index, 1000, CPU)
    assert [next(results) for _ in range(5)] == [*range(5)]
    with pytest.raises(ValueError, match="image 5"):
        next(results)
    assert max(begun) < 20
    assert torch.get_num_threads() == 2
