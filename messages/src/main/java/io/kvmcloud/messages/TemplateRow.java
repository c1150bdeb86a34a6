package io.kvmcloud.messages;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/** A line of the template list: the template, and which controllers offer it. */
public record TemplateRow(@JsonUnwrapped TemplateView template, List<ControllerName> controllers) {}
