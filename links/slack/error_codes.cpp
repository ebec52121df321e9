#include "links/slack/api.hpp"

#include <array>

namespace linkspan::slack
{
namespace
{

using enum outcome_kind;

constexpr std::string_view new_token =
    "install the Slack app again and give the new bot token with linkspan set-creds (or linkspan "
    "start-oauth)";
constexpr std::string_view check_channel = "check the destination's channel: its id, or its name with #";
constexpr std::string_view ask_admin =
    "ask an administrator of the Slack workspace to allow this app to post there";
constexpr std::string_view report =
    "a message that Slack cannot read is a fault of Linkspan: please report it";
constexpr std::string_view wait = "";

constexpr std::array codes = {
    // the token
    error_code{"not_authed", rejected_destination, new_token, true},
    error_code{"invalid_auth", rejected_destination, new_token, true},
    error_code{"account_inactive", rejected_destination, new_token},
    error_code{"token_revoked", rejected_destination, new_token, true},
    error_code{"token_expired", rejected_destination, new_token, true},
    error_code{
        "not_allowed_token_type",
        rejected_destination,
        "give a bot token (xoxb-...) with linkspan set-creds"},
    error_code{
        "no_permission",
        rejected_destination,
        "give the Slack app the scope chat:write and install it again"},
    error_code{
        "missing_scope",
        rejected_destination,
        "give the Slack app the scope chat:write and install it again"},
    error_code{"team_not_found", rejected_destination, new_token},
    error_code{"access_denied", rejected_destination, ask_admin},
    error_code{
        "accesslimited",
        rejected_destination,
        "Slack allows this app from other networks only: see its IP allow-list"},
    error_code{
        "org_login_required",
        rejected_destination,
        "the workspace moves to an Enterprise organisation: wait until it is done"},
    error_code{"two_factor_setup_required", rejected_destination, ask_admin},
    error_code{"ekm_access_denied", rejected_destination, ask_admin},
    error_code{"enterprise_is_restricted", rejected_destination, ask_admin},
    error_code{"team_access_not_granted", rejected_destination, ask_admin},
    error_code{"method_deprecated", rejected_destination, "update Linkspan: Slack has withdrawn this call"},
    error_code{"deprecated_endpoint", rejected_destination, "update Linkspan: Slack has withdrawn this call"},
    error_code{"unknown_method", rejected_destination, "check the link's api_url: there is no Slack Web API"},
    error_code{"upgrade_required", rejected_destination, "update Linkspan: Slack has withdrawn this call"},
    // the channel
    error_code{"channel_not_found", rejected_destination, check_channel},
    error_code{
        "not_in_channel", rejected_destination, "invite the app: type /invite and its name in the channel"},
    error_code{
        "is_archived", rejected_destination, "take the channel out of the archive, or name another one"},
    error_code{
        "channel_is_archived",
        rejected_destination,
        "take the channel out of the archive, or name another one"},
    error_code{"user_not_found", rejected_destination, check_channel},
    error_code{
        "messages_tab_disabled",
        rejected_destination,
        "switch on the Messages tab in the Slack app's App Home"},
    error_code{"cannot_dm_bot", rejected_destination, check_channel},
    error_code{"restricted_action", rejected_destination, ask_admin},
    error_code{"restricted_action_read_only_channel", rejected_destination, ask_admin},
    error_code{"restricted_action_thread_only_channel", rejected_destination, ask_admin},
    error_code{"restricted_action_non_threadable_channel", rejected_destination, ask_admin},
    // later
    error_code{"rate_limited", retry_after, wait},
    error_code{"ratelimited", retry_after, wait},
    error_code{"message_limit_exceeded", retry_after, wait},
    error_code{"service_unavailable", retry_after, wait},
    error_code{"request_timeout", retry_after, wait},  // Slack has not got the whole request
    error_code{"team_added_to_org", retry_after, wait},
    error_code{"external_channel_migrating", retry_after, wait},
    // Slack: "it's possible some aspect of the operation succeeded"
    error_code{"internal_error", unknown, wait},
    error_code{"fatal_error", unknown, wait},
    // this message
    error_code{"msg_too_long", rejected_message, report},
    error_code{"msg_blocks_too_long", rejected_message, report},
    error_code{"no_text", rejected_message, report},
    error_code{"invalid_blocks", rejected_message, report},
    error_code{"invalid_blocks_format", rejected_message, report},
    error_code{"invalid_arguments", rejected_message, report},
    error_code{"invalid_arg_name", rejected_message, report},
    error_code{"invalid_array_arg", rejected_message, report},
    error_code{"invalid_charset", rejected_message, report},
    error_code{"invalid_form_data", rejected_message, report},
    error_code{"invalid_post_type", rejected_message, report},
    error_code{"missing_post_type", rejected_message, report},
    error_code{"invalid_json", rejected_message, report},
    error_code{"json_not_object", rejected_message, report},
    error_code{"too_many_attachments", rejected_message, report},
    error_code{"attachment_payload_limit_exceeded", rejected_message, report},
    error_code{"metadata_too_large", rejected_message, report},
    error_code{"invalid_metadata_format", rejected_message, report},
    error_code{"invalid_metadata_schema", rejected_message, report},
    error_code{"cannot_reply_to_message", rejected_message, report},
    error_code{"restricted_action_thread_locked", rejected_message, "the thread is locked in Slack"},
};

}  // namespace

std::span<error_code const> error_codes()
{
    return codes;
}

}  // namespace linkspan::slack
