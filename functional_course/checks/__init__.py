"""What the exercises assert about a model, and the rubric that turns it into points."""

from functional_course.checks.behaviour import (
    check_loss_falls,
    check_same_function,
    check_same_in_training,
    check_same_outputs,
    check_steady,
    check_survives_saving,
    outputs_of,
)
from functional_course.checks.extents import extents_of_channels
from functional_course.checks.failure import CheckFailed
from functional_course.checks.freezing import (
    check_frozen,
    check_statistics_kept,
    check_stays_frozen,
    check_unchanged,
    leaving_alone,
    printing_nothing,
)
from functional_course.checks.gradients import check_gradient_reaches, check_shared_trunk
from functional_course.checks.measuring import (
    check_beats_baseline,
    check_decision,
    check_held_out,
    check_linear_readout,
    check_scores,
    turned_around,
)
from functional_course.checks.outputs import check_activation, check_loss, check_metrics, output_names, outputs_by_name
from functional_course.checks.reference import check_computes
from functional_course.checks.sharing import (
    check_calls_from,
    check_layer_shared,
    check_one_encoder,
    check_sharing_survives_saving,
    check_symmetric,
    check_tensor_shared,
    inputs_by_name,
)
from functional_course.checks.similarity import area_under_curve, check_tells_apart, check_zero_to_itself
from functional_course.checks.structure import (
    check_calls,
    check_functional,
    check_inputs,
    check_layers,
    check_model,
    check_no_chain,
    check_outputs,
    check_parameters,
    check_path,
    check_separate,
    check_sequential,
    copied,
)
from functional_course.faults import Fault
from functional_course.rubric import Points, Rubric

__all__ = [
    "CheckFailed",
    "Fault",
    "Points",
    "Rubric",
    "area_under_curve",
    "check_activation",
    "check_beats_baseline",
    "check_calls",
    "check_calls_from",
    "check_computes",
    "check_decision",
    "check_frozen",
    "check_functional",
    "check_gradient_reaches",
    "check_held_out",
    "check_inputs",
    "check_layer_shared",
    "check_layers",
    "check_linear_readout",
    "check_loss",
    "check_loss_falls",
    "check_metrics",
    "check_model",
    "check_no_chain",
    "check_one_encoder",
    "check_outputs",
    "check_parameters",
    "check_path",
    "check_same_function",
    "check_same_in_training",
    "check_same_outputs",
    "check_scores",
    "check_separate",
    "check_sequential",
    "check_shared_trunk",
    "check_sharing_survives_saving",
    "check_statistics_kept",
    "check_stays_frozen",
    "check_steady",
    "check_survives_saving",
    "check_symmetric",
    "check_tells_apart",
    "check_tensor_shared",
    "check_zero_to_itself",
    "check_unchanged",
    "copied",
    "extents_of_channels",
    "inputs_by_name",
    "leaving_alone",
    "output_names",
    "outputs_by_name",
    "outputs_of",
    "printing_nothing",
    "turned_around",
]
