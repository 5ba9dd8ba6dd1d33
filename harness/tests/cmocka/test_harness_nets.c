/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Jumper wires: how wires become nets, and how a net resolves levels. */
#include "fake_host.h"
#include "harness/nets.h"

#include <stdio.h>

static void a_pin_sees_the_strongest_of_the_others(void **state)
{
    (void)state;
    struct fake_host *h = fake_create(&jumper_model, NULL);
    fake_power_on(h);
    fake_set_input(h, 0, NET_PULLED_UP);
    assert_int_equal(h->output[0], NET_FLOATING); /* nothing of its own comes back */
    assert_int_equal(h->output[1], NET_PULLED_UP);
    fake_set_input(h, 1, NET_PULLED_DOWN);
    assert_int_equal(h->output[2], NET_PULLED_DOWN); /* both: not defined, low here */
    fake_set_input(h, 2, NET_OUTSIDE_HIGH);
    assert_int_equal(h->output[0], NET_OUTSIDE_HIGH);
    assert_int_equal(h->output[2], NET_PULLED_DOWN);
    fake_set_input(h, 15, NET_LOW);
    assert_int_equal(h->output[0], NET_LOW);
    assert_int_equal(h->output[15], NET_OUTSIDE_HIGH);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0); /* whoever is outside is weaker than an output */
    fake_destroy(h);
}

static void each_begin_of_a_fight_is_one_guest_error(void **state)
{
    (void)state;
    struct fake_host *h = fake_create(&jumper_model, NULL);
    fake_power_on(h);
    fake_set_input(h, 0, NET_LOW);
    fake_set_input(h, 1, NET_LOW); /* open drain: no fight */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_set_input(h, 2, NET_HIGH);
    fake_set_input(h, 3, NET_HIGH);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    assert_int_equal(h->output[5], NET_LOW);
    fake_set_input(h, 0, NET_FLOATING);
    fake_set_input(h, 1, NET_FLOATING);
    assert_int_equal(h->output[5], NET_HIGH);
    fake_set_input(h, 1, NET_LOW);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    fake_destroy(h);
}

static void a_synchronous_frame_passes_to_the_others(void **state)
{
    (void)state;
    struct fake_host *h = fake_create(&jumper_model, NULL);
    uint64_t frame = sync_bits(0xa5u, 8);
    fake_power_on(h);
    fake_set_input(h, 3, NET_PULLED_UP);
    fake_set_input(h, 0, frame);
    assert_int_equal(h->pulse_count, JUMPER_PINS - 1u);
    assert_true(h->output[3] == frame);
    assert_int_equal(h->output[0], NET_PULLED_UP);
    fake_set_input(h, 3, NET_PULLED_DOWN); /* others move meanwhile */
    assert_true(h->output[4] == frame);
    fake_set_input(h, 0, NET_HIGH);
    assert_int_equal(h->output[4], NET_HIGH);
    fake_destroy(h);
}

static struct nets *nets_of(const char *const *wires)
{
    struct error err = {""};
    struct nets *nets = calloc(1, sizeof *nets);
    assert_non_null(nets);
    for (; *wires != NULL; wires++)
        if (nets_add(nets, board_find("nucleo-l476rg"), *wires, &err) != TB_OK)
            fail_msg("%s: %s", *wires, err.text);
    return nets;
}

static void wires_that_share_a_pin_are_one_net(void **state)
{
    (void)state;
    static const char *const wires[] = {"PA0=PA1", "PB0=PB1", "PC0=PC1", "PC1=PA1", "PC0=PA0", NULL};
    struct machine_part parts[NETS_MAX];
    struct nets *nets = nets_of(wires);
    assert_int_equal(nets->count, 2);
    nets_make_parts(nets, parts);
    /* PC0=PC1, the last net, took the place of the one that joined the first */
    assert_int_equal(parts[0].wire_count, 8);
    assert_int_equal(parts[1].wire_count, 4);
    assert_string_equal(parts[0].device.name, "wires1");
    assert_string_equal(parts[1].wires[0].from, "gpiob.net0");
    assert_string_equal(parts[1].wires[0].to, "wires2.p0");
    assert_string_equal(parts[1].wires[3].from, "wires2.p1");
    assert_string_equal(parts[1].wires[3].to, "gpiob.net1");
    free(nets);
}

static void a_net_has_an_end(void **state)
{
    (void)state;
    struct error err = {""};
    struct nets *nets = calloc(1, sizeof *nets);
    char wire[16];
    assert_non_null(nets);
    for (unsigned pin = 1; pin < 16; pin++) {
        snprintf(wire, sizeof wire, "PA0=PA%u", pin);
        assert_int_equal(nets_add(nets, board_find("nucleo-l476rg"), wire, &err), TB_OK);
    }
    assert_int_equal(nets_add(nets, board_find("nucleo-l476rg"), "PA3=PB0", &err), TB_ERR_INPUT);
    assert_string_equal(err.text, "too many pins on one net; expected at most 16");
    free(nets);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_pin_sees_the_strongest_of_the_others),
        T(each_begin_of_a_fight_is_one_guest_error),
        T(a_synchronous_frame_passes_to_the_others),
        T(wires_that_share_a_pin_are_one_net),
        T(a_net_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
