//! What must every store do, whichever database is behind it?
//!
//! Each rule is an async function over `&dyn Store`; [`rules!`] lists them all, and a back end's test file makes one test of each.

pub mod blobs;
pub mod claims;
pub mod deliveries;
pub mod fencing;
pub mod fixtures;
pub mod journals;
pub mod runs;
pub mod setups;
pub mod sources;
pub mod states;
pub mod tenants;
pub mod timers;
pub mod verdicts;

/// Calls `$each` with the list of all rules.
#[macro_export]
macro_rules! rules {
    ($each:ident) => {
        $each! {
            runs: a_known_key_answers_the_run_it_started,
            runs: a_refused_submission_leaves_its_key_unused,
            runs: a_run_starts_at_once_only_if_its_deployment_and_tenant_have_a_place,
            runs: a_submission_never_overtakes_a_queued_run,
            runs: runs_are_listed_newest_first_in_pages,
            runs: an_equal_trigger_finds_the_run_that_is_not_final,
            runs: a_full_queue_refuses_by_name_and_only_its_tenant,
            runs: an_ended_run_shows_what_its_attempt_said,
            runs: counters_follow_every_state,
            claims: turns_go_round_the_tenants_oldest_first,
            claims: one_claim_takes_one_run_per_tenant_and_round,
            claims: a_serial_deployment_runs_one_at_a_time,
            claims: concurrency_and_tenant_places_are_kept,
            claims: a_waiting_run_goes_on_when_it_is_due,
            claims: a_run_of_a_node_that_is_gone_is_claimed_with_a_new_epoch,
            claims: claims_that_add_nothing_are_counted,
            claims: a_claimed_run_has_the_facts_it_was_submitted_with,
            fencing: a_stale_lease_can_write_nothing,
            fencing: an_ended_attempt_can_write_nothing,
            fencing: one_refused_request_does_not_fail_its_batch,
            journals: a_journal_comes_back_as_it_was_written,
            journals: a_line_is_kept_once,
            journals: an_outcome_is_recorded_once,
            journals: a_new_cut_sets_the_rows_from_its_call_on_aside,
            journals: a_write_that_succeeded_before_the_cut_is_known_after_it,
            journals: a_payload_over_the_limit_is_refused,
            verdicts: a_verdict_that_it_happened_is_the_outcome,
            verdicts: a_verdict_to_repeat_forgets_the_intent,
            verdicts: a_run_stays_in_doubt_until_the_last_verdict,
            verdicts: a_verdict_needs_something_in_doubt,
            verdicts: a_run_can_be_stopped_in_every_state_that_is_not_final,
            verdicts: a_stop_that_comes_while_a_run_parks_is_not_lost,
            states: a_change_is_made_only_if_the_key_is_as_expected,
            states: a_key_that_comes_back_has_a_higher_revision,
            states: changes_and_outcome_commit_together_or_not_at_all,
            states: keys_are_listed_by_prefix_in_byte_order,
            states: a_thousand_changes_are_one_call,
            states: an_attempt_has_no_business_with_the_state_of_another_deployment,
            blobs: a_blob_is_needed_until_its_run_ends_for_good,
            blobs: a_run_that_waits_or_is_in_doubt_or_given_back_keeps_its_blobs,
            blobs: equal_bytes_count_once_and_are_needed_by_each_run,
            blobs: a_full_spool_refuses_by_name_and_only_its_tenant,
            blobs: an_attempt_that_lost_its_run_holds_nothing,
            blobs: a_needed_blob_cannot_be_forgotten,
            deliveries: an_event_and_its_runs_are_recorded_once,
            deliveries: a_closure_that_the_reconciler_found_is_the_webhooks,
            deliveries: a_full_queue_leaves_an_event_pending_and_it_starts_once,
            deliveries: an_ignored_event_says_why_and_can_be_accepted_later,
            deliveries: old_events_are_deleted_and_pending_ones_are_not,
            deliveries: events_are_listed_by_what_is_asked_for_and_for_their_tenant_only,
            deliveries: a_watermark_never_goes_back,
            sources: a_cursor_has_one_owner_until_its_node_is_gone,
            sources: a_cursor_changes_only_from_the_revision_it_was_read_at,
            sources: items_cursor_and_runs_change_together_or_not_at_all,
            sources: a_full_queue_keeps_the_items_waiting_and_fails_nothing,
            sources: what_goes_first_is_listed_first,
            sources: an_ended_run_gives_its_items_back,
            sources: another_thing_that_is_watched_begins_anew,
            sources: ten_thousand_items_stay_bounded_and_raise_the_floor,
            sources: known_items_are_found_by_id_and_by_what_stays,
            sources: a_source_belongs_to_its_tenant,
            setups: versions_count_and_keep_the_first_go_live,
            setups: a_run_is_pinned_to_the_version_it_was_submitted_to,
            setups: grants_are_read_live,
            setups: a_component_is_the_bytes_its_digest_names,
            setups: keys_are_stored_found_and_taken_back,
            timers: a_due_time_and_its_run_are_one_and_happen_once,
            timers: a_full_queue_leaves_the_time_due,
            timers: unfinished_runs_are_left_alone_waited_for_or_replaced,
            timers: jitter_puts_off_each_time_by_as_much,
            timers: a_schedule_that_is_faster_than_its_runs_keeps_a_hundred_of_them_unfinished,
            timers: a_new_version_replaces_the_schedules_and_keeps_unchanged_times,
            timers: a_paused_schedule_is_not_due,
            timers: a_pause_holds_the_runs_it_covers_and_no_others,
            timers: held_runs_are_let_go_at_the_rate_of_the_drain,
            timers: another_pause_still_holds_what_one_lets_go,
            timers: maintenance_windows_open_and_close_beside_pauses,
            timers: a_retry_sets_the_journal_aside_and_queues_the_run,
            timers: a_run_that_is_taken_up_again_has_all_its_retries_and_no_order_to_stop,
            timers: a_retry_is_refused_where_it_would_hide_a_doubt_or_repeat_nothing,
            tenants: no_read_shows_a_row_of_another_tenant,
            tenants: no_write_reaches_a_row_of_another_tenant,
        }
    };
}
