package io.kvmcloud.controller.instance;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceView;
import java.time.Clock;

/** What an instance needs of the controller it lives on; {@link Instances} is it. */
interface Surroundings {
    Hypervisor hypervisor();

    InstanceStore store();

    Ports ports();

    Clock clock();

    /** All the hypervisor needs to know. @throws CommandFailed when the template is gone */
    GuestSpec spec(InstanceRecord record);

    /** What clients see of it. */
    InstanceView view(Instance instance);

    /** It is on the disk when this returns, as new as it may be. @throws CommandFailed when the disk does not take it */
    void keep(InstanceRecord record);

    /** Writes the record down. @throws CommandFailed when the disk does not take it */
    void save(InstanceRecord record);

    /** Removes all it has and forgets it. @throws CommandFailed when the files cannot be removed */
    void remove(Instance instance);

    /** It is in another state. */
    void changed(Instance instance);

    /** The error for an id that is not, or no longer, here. */
    CommandFailed noSuchInstance(InstanceId id);
}
